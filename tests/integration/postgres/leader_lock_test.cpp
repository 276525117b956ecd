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

/// Who has the lock after a race, as leader_lock.py describes it; "nobody".
std::string winner_when(const std::string& race) {
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

TEST(PatroniLeaderLock, IsNotTakenFromWhoWasFaster) { EXPECT_EQ(winner_when("taken"), "chat-0"); }

TEST(PatroniLeaderLock, IsNotAcquiredByWhatWasBeforeAnotherOneLed) {
    EXPECT_EQ(winner_when("taken-and-left"), "nobody");
}

TEST(PatroniLeaderLock, IsAcquiredAfterAnotherLook) {
    EXPECT_EQ(winner_when("looked-again"), "chat-1");
}

TEST(PatroniLeaderLock, IsAcquiredWhenOnlyItsObjectChanged) {
    EXPECT_EQ(winner_when("touched"), "chat-1");
}

}  // namespace
}  // namespace chatflow::test
