#include "libs/base/fnv1a.hpp"

#include <gtest/gtest.h>

namespace chatflow {
namespace {

// The draft's own vectors, appendix C.
TEST(Fnv1a, IsThePublishedFunction) {
    EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325U);
    EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cU);
    EXPECT_EQ(fnv1a("foobar"), 0x85944171f73967e8U);
}

TEST(Fnv1a, TakesANumberAsItsBytesTheLeastFirst) {
    Fnv1a number;
    number.add_number(0x6261U);
    EXPECT_EQ(number.value(), fnv1a({"ab\0\0\0\0\0\0", 8}));
}

}  // namespace
}  // namespace chatflow
