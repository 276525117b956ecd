#include "libs/jobs/queue_keys.hpp"

#include <gtest/gtest.h>

namespace chatflow::jobs {
namespace {

TEST(QueueKeys, AreThoseOfBullMq) {
    const QueueKeys keys{.prefix = "bull", .queue = "exports"};
    EXPECT_EQ(keys.key("wait"), "bull:exports:wait");
}

TEST(QueueKeys, AWorkersNameHoldsTheQueueInBase64) {
    EXPECT_EQ((QueueKeys{.queue = "q"}.client_name("wname")), "bull:cQ==:w:wname");
    EXPECT_EQ((QueueKeys{.queue = "q2"}.client_name("")), "bull:cTI=");
    EXPECT_EQ((QueueKeys{.queue = "abc"}.client_name("")), "bull:YWJj");
}

TEST(QueueKeys, AQueuesNameHasNoColon) {
    EXPECT_TRUE(is_queue_name("workflow-executions"));
    for (const auto* name : {"", "a:b", "a b", "a\n"}) EXPECT_FALSE(is_queue_name(name)) << name;
    EXPECT_FALSE(is_queue_name(std::string(201, 'a')));
}

}  // namespace
}  // namespace chatflow::jobs
