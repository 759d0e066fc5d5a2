%include "lib/shapes.inc"

section .rodata
output: db      "square of %d: %d", 10, 0
section .text
        global  main
        extern  printf
main:   push    rbx
        mov     ebx, 6
.next:  mov     edi, output
        mov     esi, ebx
        square  edx, ebx
        xor     eax, eax
        call    printf
        inc     ebx
        cmp     ebx, 7
        jle     .next
        xor     eax, eax
        pop     rbx
        ret
section .note.GNU-stack noalloc noexec nowrite progbits
