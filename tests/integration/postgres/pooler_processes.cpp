#include "tests/integration/postgres/pooler_processes.hpp"

#include "tests/integration/postgres/ensemble.hpp"
#include "tests/support/files.hpp"

#include <csignal>
#include <stdexcept>

#include <fmt/format.h>

namespace chatflow::test {

namespace {

void replace(std::string& text, const std::string& old, const std::string& with) {
    const auto at = text.find(old);
    if (at == std::string::npos) throw std::runtime_error("the settings have no " + old);
    text.replace(at, old.size(), with);
}

}  // namespace

PoolerProcesses::PoolerProcesses(const PoolerSetup& setup) {
    give_to_postgres(folder_.path());
    const std::string folder = folder_.path().string();
    std::string proxy = postgres::proxy_settings(setup.servers, false);
    replace(proxy, "127.0.0.1:5433", setup.ip + ":5433");
    replace(proxy, "bind :6433", fmt::format("bind {}:6433", setup.ip));
    folder_.write("haproxy.cfg", proxy);

    std::string bouncer = setup.settings;
    replace(bouncer, "host=127.0.0.1", "host=" + setup.ip);
    replace(bouncer, "listen_addr = *", "listen_addr = " + setup.ip);
    replace(bouncer, "/run/pgbouncer", folder);
    replace(bouncer, "/etc/pgbouncer-users", folder);
    mount(setup.certificates);
    for (std::size_t i = 0; i < setup.certificates.size(); ++i) {
        replace(bouncer, "/etc/chatflow/tls", folder + "/tls");
    }
    folder_.write("pgbouncer.ini", bouncer);
    folder_.write("userlist.txt", setup.users);

    start_proxy();
    start_bouncer();
    restart_guard(setup.pause_seconds_max);
}

void PoolerProcesses::restart_guard(int pause_seconds_max) {
    guard_ = std::make_unique<ChildProcess>(
        as_postgres({"/usr/bin/env", "POOLER_SOCKETS=" + folder_.path().string(),
                     fmt::format("PAUSE_SECONDS_MAX={}", pause_seconds_max), "/usr/bin/bash",
                     "hack/image/pooler-guard"}),
        folder_.path() / "guard.log");
}

void PoolerProcesses::mount(const std::map<std::string, std::string>& certificates) {
    write_certificates(folder_.path(), certificates);
}

void PoolerProcesses::start_proxy() {
    const std::string settings = (folder_.path() / "haproxy.cfg").string();
    proxy_ = std::make_unique<ChildProcess>(
        as_postgres({"/usr/sbin/haproxy", "-db", "-f", settings}), folder_.path() / "haproxy.log");
}

void PoolerProcesses::restart_proxy() {
    proxy_->stop(SIGKILL);
    start_proxy();
}

void PoolerProcesses::start_bouncer() {
    bouncer_ = std::make_unique<ChildProcess>(
        as_postgres({"/usr/sbin/pgbouncer", (folder_.path() / "pgbouncer.ini").string()}),
        folder_.path() / "pgbouncer.log");
}

void PoolerProcesses::restart_bouncer() {
    bouncer_->stop(SIGKILL);
    start_bouncer();
}

std::string PoolerProcesses::log() const {
    return text_of(folder_.path() / "pgbouncer.log") + text_of(folder_.path() / "haproxy.log") +
           text_of(folder_.path() / "guard.log");
}

}  // namespace chatflow::test
