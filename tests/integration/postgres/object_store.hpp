#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::test {

/// A store that speaks S3 by TLS, with one bucket, as a real process.
class ObjectStore {
 public:
    ObjectStore();

    /// As a topology names it: spec.backup.target.
    [[nodiscard]] nlohmann::json target() const;
    /// What pods get from the Secret with the keys: NAME=value.
    [[nodiscard]] static std::vector<std::string> environment();
    [[nodiscard]] std::string log() const;

 private:
    TemporaryFolder folder_;
    int port_;
    std::unique_ptr<ChildProcess> server_;
};

}  // namespace chatflow::test
