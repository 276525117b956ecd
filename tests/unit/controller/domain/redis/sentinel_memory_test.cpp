#include "controller/domain/redis/sentinel_memory.hpp"

#include <gmock/gmock.h>

namespace chatflow::redis_topology {
namespace {

using testing::HasSubstr;
using testing::Not;

const Addresses kBefore{{"q-0", "10.96.0.10"},
                        {"q-1", "10.96.0.11"},
                        {"q-sentinel-0", "10.96.1.10"},
                        {"q-sentinel-1", "10.96.1.11"}};
const std::string kKept =
    "sentinel myid abc\n"
    "sentinel monitor q 10.96.0.11 6379 2\n"
    "sentinel config-epoch q 7\n"
    "sentinel known-replica q 10.96.0.10 6379\n"
    "sentinel known-replica q 10.96.0.13 6379\n"
    "sentinel known-sentinel q 10.96.1.11 26379 def\n";

TEST(SentinelMemory, StaysWhileNobodyHasMoved) {
    EXPECT_EQ(with_present_addresses(kKept, kBefore, kBefore), kKept);
    EXPECT_EQ(with_present_addresses(kKept, {}, kBefore), kKept) << "nothing is known of before";
    EXPECT_EQ(with_present_addresses(kKept, kBefore, {}), kKept) << "no name leads anywhere now";
}

// As when a topology was deleted and made again: its volumes stay, its Services do not.
TEST(SentinelMemory, FindsEveryServerAtItsNewAddressWithEpochAndIdentity) {
    const Addresses now{{"q-0", "10.96.0.11"},  // the one that q-1 had
                        {"q-1", "10.96.0.20"},
                        {"q-sentinel-0", "10.96.1.20"},
                        {"q-sentinel-1", "10.96.1.21"}};
    const std::string text = with_present_addresses(kKept, kBefore, now);
    EXPECT_THAT(text, HasSubstr("sentinel monitor q 10.96.0.20 6379 2\n"));
    EXPECT_THAT(text, HasSubstr("sentinel known-replica q 10.96.0.11 6379\n"));
    EXPECT_THAT(text, HasSubstr("sentinel known-sentinel q 10.96.1.21 26379 def\n"));
    EXPECT_THAT(text, HasSubstr("sentinel myid abc\n"));
    EXPECT_THAT(text, HasSubstr("sentinel config-epoch q 7\n"));
    EXPECT_THAT(text, Not(HasSubstr("10.96.0.13"))) << "nobody knows who it was";
}

TEST(SentinelMemory, IsOfNoUseWhenNobodyKnowsWhereTheMasterWent) {
    Addresses before = kBefore;
    before.erase("q-1");
    EXPECT_EQ(with_present_addresses(kKept, before, {{"q-0", "10.96.0.30"}}), "");
}

TEST(SentinelMemory, OfAddressesIsReadAsItWasWritten) {
    EXPECT_EQ(addresses_from(to_text(kBefore)), kBefore);
}

}  // namespace
}  // namespace chatflow::redis_topology
