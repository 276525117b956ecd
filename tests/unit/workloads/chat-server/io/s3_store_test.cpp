#include "workloads/chat-server/io/s3_store.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

using Keys = std::vector<std::string>;

TEST(KeysOfListing, AreThoseBetweenTheTags) {
    EXPECT_EQ(keys_of_listing("<ListBucketResult><Name>media</Name><Contents><Key>4e/a.jpg</Key>"
                              "<Size>1</Size></Contents><Contents><Key>4e/a.64.jpg</Key></Contents>"
                              "</ListBucketResult>"),
              (Keys{"4e/a.jpg", "4e/a.64.jpg"}));
}

TEST(KeysOfListing, AreNoneInAnEmptyOrBrokenAnswer) {
    EXPECT_EQ(keys_of_listing("<ListBucketResult></ListBucketResult>"), Keys{});
    EXPECT_EQ(keys_of_listing("<Key>4e/a.jpg"), Keys{});
    EXPECT_EQ(keys_of_listing(""), Keys{});
}

}  // namespace
}  // namespace chatflow::chat
