#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/postgres_user.hpp"
#include "tests/support/temporary_folder.hpp"

#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::test {

/// Addresses of 127.0.0.0/8 that take the place of pods' own: every program of a pod listens on
/// its real port. Others for each ensemble.
class Addresses {
 public:
    Addresses();
    [[nodiscard]] std::string member(int index) const;
    [[nodiscard]] std::string pooler() const;

 private:
    std::string net_;  // the first three parts
};

/// What a member gets from the operator: the text of patroni.yml and the passwords.
struct MemberSetup {
    std::string name;
    std::string ip;
    std::string settings;
    std::map<std::string, std::string> passwords;  // of the Secret
    std::map<std::string, std::string> files;      // beside patroni.yml
    std::filesystem::path kubeconfig;
    std::filesystem::path repository;                 // in the place of the volume of backups
    std::map<std::string, std::string> certificates;  // of the Secret; none: no TLS
    std::vector<std::string> environment;             // more of it: NAME=value
};

/// Files of a Secret in the folder's "tls", each replaced whole: as the kubelet does.
void write_certificates(const std::filesystem::path& folder,
                        const std::map<std::string, std::string>& files);

/// Patroni and PostgreSQL of one pod, as real processes. Dies with this object.
class Member {
 public:
    explicit Member(const MemberSetup& setup);
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member();

    void mount(const std::map<std::string, std::string>& certificates);
    [[nodiscard]] std::string log() const;

    /// kill -9 of PostgreSQL's first process alone.
    void kill_server() const;
    /// As the end of the pod's first process: kill -9 of everything in it.
    void crash();
    /// After a crash.
    void start();
    /// After a crash: its server, without Patroni, is promoted, writes, and crashes once more.
    void promote_alone() const;
    /// What a new volume has. After a crash.
    void remove_data() const;
    /// SIGSTOP and SIGCONT of Patroni.
    void freeze() { patroni_->send(SIGSTOP); }
    void thaw() { patroni_->send(SIGCONT); }
    /// SIGSTOP of what sends WAL to standbys. They end with the server.
    void freeze_senders() const;

 private:
    [[nodiscard]] int server() const;  // process; 0: there is none

    TemporaryFolder folder_;
    std::vector<std::string> command_;
    std::unique_ptr<ChildProcess> patroni_;
};

}  // namespace chatflow::test
