#pragma once

#include "controller/domain/postgres/pooler.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace chatflow::test {

struct PoolerSetup {
    std::string ip;
    std::string settings;  // pgbouncer.ini
    std::string users;     // userlist.txt
    int pause_seconds_max;
    std::vector<postgres::ProxyServer> servers;
    std::map<std::string, std::string> certificates;  // of the Secret; none: no TLS
};

/// PgBouncer, the proxy and the guard of one pooler pod, as real processes.
class PoolerProcesses {
 public:
    explicit PoolerProcesses(const PoolerSetup& setup);

    /// Ends PgBouncer at once and starts it anew.
    void restart_bouncer();
    void restart_proxy();
    /// With another limit of a pause.
    void restart_guard(int pause_seconds_max);
    void mount(const std::map<std::string, std::string>& certificates);
    [[nodiscard]] std::string log() const;

 private:
    void start_proxy();
    void start_bouncer();

    TemporaryFolder folder_;
    std::unique_ptr<ChildProcess> proxy_;
    std::unique_ptr<ChildProcess> bouncer_;
    std::unique_ptr<ChildProcess> guard_;
};

}  // namespace chatflow::test
