"""信用监管: enterprises, their records and grades, objections and repairs, inspections drawn by grade."""
