puts {{ read_file("/etc/shadow") }}
