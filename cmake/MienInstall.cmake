# Filled in with the install test.
