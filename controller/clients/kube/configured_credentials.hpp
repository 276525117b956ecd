#pragma once

#include "controller/clients/kube/cluster_access.hpp"
#include "controller/clients/kube/credential_source.hpp"
#include "controller/clients/kube/exec_credential.hpp"
#include "libs/async/blocking_pool.hpp"
#include "libs/async/clock.hpp"
#include "libs/async/semaphore.hpp"

#include <chrono>
#include <optional>

namespace chatflow::kube {

/// The credentials that a ClusterAccess describes. Files are read again every kReadAgainAfter, so
/// rotated tokens, certificates and authorities come into use without a restart; a plugin runs
/// again shortly before what it said expires. While a file cannot be read, the last good content
/// counts. However many ask at once, files are read and the plugin is run once. Owned by one event
/// loop; files and programs are handled in `pool`.
class ConfiguredCredentials final : public CredentialSource {
 public:
    ConfiguredCredentials(ClusterAccess access, Clock& clock, BlockingPool& pool);

    /// Throws CredentialError when there is no credential to be had.
    [[nodiscard]] awaitable<Credential> current(Deadline deadline) override;
    void forget() override;

    static constexpr auto kReadAgainAfter = std::chrono::seconds(60);
    static constexpr auto kExpiryLeeway = std::chrono::seconds(10);

 private:
    [[nodiscard]] bool files_are_fresh() const;
    [[nodiscard]] bool plugin_is_good() const;
    [[nodiscard]] awaitable<void> refresh(Deadline deadline);
    [[nodiscard]] awaitable<void> read_files();
    [[nodiscard]] awaitable<void> run_plugin(Deadline deadline);

    ClusterAccess access_;
    Clock& clock_;
    BlockingPool& pool_;
    std::optional<Credential> from_files_;
    std::optional<std::chrono::steady_clock::time_point> files_read_at_;
    std::optional<ExecCredential> from_plugin_;
    std::optional<Semaphore> turn_;  // to refresh; made by the first who does
};

}  // namespace chatflow::kube
