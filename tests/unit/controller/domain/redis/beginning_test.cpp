#include "controller/domain/redis/beginning.hpp"

#include <gtest/gtest.h>

namespace chatflow::redis_topology {
namespace {

TEST(RedisBeginning, NamesTheVolumesThatAreTakenUpAndThoseThatAreNot) {
    api::RedisTopology topology;
    Observed seen;
    EXPECT_EQ(beginning_of(topology, seen),
              "There is no volume of an earlier topology of this name: it begins empty.");
    seen.old_volumes = {"data-queue-0", "data-queue-1", "data-queue-5"};
    EXPECT_EQ(beginning_of(topology, seen),
              "It begins with the data of an earlier topology of this name, in data-queue-0, "
              "data-queue-1. No node takes data-queue-5.");
}

}  // namespace
}  // namespace chatflow::redis_topology
