#include "tests/support/child_process.hpp"
#include "tests/support/files.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_control_plane.hpp"

#include <string>

#include <gtest/gtest.h>

// Patroni's client of the API server and hack/image/patroni-prompt, without a PostgreSQL.
namespace chatflow::test {
namespace {

/// What leader_lock.py says of a case of its own; of a race, who has the lock, or "nobody".
std::string outcome_of(const std::string& race) {
    const auto& control_plane = TestControlPlane::shared();
    KubeSession session(control_plane.access());
    const TemporaryFolder folder;
    const auto output = folder.path() / "output";
    ChildProcess program(
        {"/usr/bin/env", "KUBECONFIG=" + control_plane.kubeconfig().string(), "/usr/bin/python3",
         "-B", "tests/integration/postgres/leader_lock.py", session.make_namespace(), race},
        output);
    EXPECT_EQ(program.wait(), 0) << text_of(output);
    std::string said = text_of(output);  // after what Patroni logs
    if (!said.empty()) said.pop_back();
    return said.substr(said.rfind('\n') + 1);
}

TEST(PatroniLeaderLock, IsNotTakenFromWhoWasFaster) { EXPECT_EQ(outcome_of("taken"), "chat-0"); }

TEST(PatroniLeaderLock, IsNotAcquiredByWhatWasBeforeAnotherOneLed) {
    EXPECT_EQ(outcome_of("taken-and-left"), "nobody");
}

TEST(PatroniLeaderLock, IsSeenToRunOutInThatMomentNotInTheNextLoop) {
    EXPECT_EQ(outcome_of("silent"), "in time");
}

TEST(PatroniLeaderLock, IsAcquiredAfterAnotherLook) {
    EXPECT_EQ(outcome_of("looked-again"), "chat-1");
}

TEST(PatroniLeaderLock, IsAcquiredWhenOnlyItsObjectChanged) {
    EXPECT_EQ(outcome_of("touched"), "chat-1");
}

}  // namespace
}  // namespace chatflow::test
