"""How the window looks: colours, type, icons, focus and motion."""
