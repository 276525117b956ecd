#pragma once

#include "cmake/headers/std.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
