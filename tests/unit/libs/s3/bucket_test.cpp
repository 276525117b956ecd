#include "libs/s3/bucket.hpp"

#include <gtest/gtest.h>

namespace chatflow::s3 {
namespace {

TEST(Bucket, RefusesAnEndpointWithAPath) {
    SystemClock clock;
    EXPECT_THROW(Bucket({.endpoint = "https://s3.example/path", .name = "b"}, clock), Error);
    EXPECT_THROW(Bucket({.endpoint = "s3.example", .name = "b"}, clock), Error);
}

}  // namespace
}  // namespace chatflow::s3
