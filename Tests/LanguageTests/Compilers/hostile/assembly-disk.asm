        section .data
        times 2000000000 db 1
