/// <reference path="/etc/shadow" />
import x from "/dev/zero";
console.log(x);
