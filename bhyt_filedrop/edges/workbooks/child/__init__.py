"""The child process that parses hostile bytes: started, confined, killed."""
