"""What the pages share: shell, theme, widgets."""
