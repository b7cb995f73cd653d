"""The mask editor: paint on a picture where a workflow shall change it."""
