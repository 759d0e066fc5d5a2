package com.example;

class Sides {
    static int[] all() {
        return new int[] {6, 7};
    }
}
