module kinds
    implicit none
    integer, parameter :: long = selected_int_kind(18)
end module kinds
