"""The demonstration: a firm with its people, customers and half a year of cases, made by the staff's own actions."""
