module shapes
    use kinds, only: long
    implicit none
contains
    elemental function square(side) result(area)
        integer(long), intent(in) :: side
        integer(long) :: area
        area = side * side
    end function square
end module shapes
