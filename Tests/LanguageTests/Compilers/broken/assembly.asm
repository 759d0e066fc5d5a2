        section .text
        global  main
main:   mov     eax, answer
        ret
