#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/postgres_user.hpp"
#include "tests/support/temporary_folder.hpp"

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
    std::filesystem::path repository;  // in the place of the volume of backups
};

/// Patroni and PostgreSQL of one pod, as real processes. Dies with this object.
class Member {
 public:
    explicit Member(const MemberSetup& setup);
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member();

    [[nodiscard]] std::string log() const;

 private:
    TemporaryFolder folder_;
    std::unique_ptr<ChildProcess> patroni_;
};

}  // namespace chatflow::test
