"""The form: one editor a field, essentials first, the rest behind "Advanced", and the Queue button."""
