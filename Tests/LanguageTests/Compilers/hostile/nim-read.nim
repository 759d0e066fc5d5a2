const shadow = staticRead("/etc/shadow")
echo shadow
