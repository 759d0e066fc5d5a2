STDOUT.sync = true
