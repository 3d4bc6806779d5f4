"""`make faults`: 10,000 deadlines fall due while workers, beat and Redis die and the mail server misbehaves."""
