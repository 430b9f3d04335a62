"""The outside world: papers as DOCX, tables as XLSX and CSV."""
