#include "tests/support/child_process.hpp"

#include "tests/support/temporary_folder.hpp"

#include <csignal>
#include <string>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

namespace chatflow::test {
namespace {

int end_of(const TemporaryFolder& folder, const std::string& script) {
    return ChildProcess({"/bin/sh", "-c", script}, folder.path() / "log").wait();
}

TEST(ChildProcess, FailsTheTestWhenItCrashed) {
    const TemporaryFolder folder;
    EXPECT_NONFATAL_FAILURE(EXPECT_EQ(end_of(folder, "echo alas; kill -SEGV $$"), -SIGSEGV),
                            "/bin/sh crashed: signal 11\nalas");
}

TEST(ChildProcess, MayEndByItselfOrByTheSignalItWasSent) {
    const TemporaryFolder folder;
    EXPECT_EQ(end_of(folder, "exit 3"), 3);
    ChildProcess stopped({"/bin/sleep", "60"}, folder.path() / "log");
    stopped.stop(SIGTERM);
    EXPECT_EQ(stopped.wait(), -SIGTERM);
}

}  // namespace
}  // namespace chatflow::test
