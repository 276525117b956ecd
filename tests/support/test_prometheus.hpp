#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_exporter.hpp"

#include <memory>
#include <string>

namespace chatflow::test {

/// A real Prometheus that scrapes one exporter each second. The `prometheus` of $PATH.
class TestPrometheus {
 public:
    explicit TestPrometheus(const TestExporter& exporter);

    [[nodiscard]] std::string url() const;

    void start();  // returns when it is ready; on the same port and data as before
    void kill();   // SIGKILL, as the kernel does to a process out of memory

 private:
    [[nodiscard]] bool is_ready() const;

    TemporaryFolder folder_;
    int port_;
    std::unique_ptr<ChildProcess> process_;
};

}  // namespace chatflow::test
