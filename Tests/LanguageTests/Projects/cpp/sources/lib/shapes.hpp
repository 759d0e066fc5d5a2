#pragma once
#include <string>

std::string describe(int side);
