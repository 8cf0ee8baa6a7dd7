"""Write the report: Markdown, figures, and the page."""
