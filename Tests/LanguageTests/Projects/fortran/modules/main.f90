program main
    use kinds, only: long
    use shapes, only: square
    implicit none
    integer(long) :: side
    do side = 6, 7
        print '(a, i0, a, i0)', "square of ", side, ": ", square(side)
    end do
end program main
