"""Files that belong to a case: taken in, looked at by their content, kept, shown."""
