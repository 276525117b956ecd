#pragma once

#include "cmake/headers/asio.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
