program main
    include '/etc/shadow'
end program main
