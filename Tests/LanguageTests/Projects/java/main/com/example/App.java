package com.example;

import com.example.shapes.Square;

public class App {
    public static void main(String[] arguments) {
        for (int side : Sides.all()) System.out.println("square of " + side + ": " + new Square(side).area());
    }
}
