/* data/glove-50k-100d.i8, byte for byte; read by word_table.cpp. */
    .section .rodata
    .balign 64
    .global troupe_word_table_begin
    .hidden troupe_word_table_begin
troupe_word_table_begin:
    .incbin TROUPE_WORD_TABLE
    .global troupe_word_table_end
    .hidden troupe_word_table_end
troupe_word_table_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
