program main
    implicit none
    print *, answer
end program main
