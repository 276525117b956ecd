#include "tests/support/postgres_user.hpp"

#include <stdexcept>

#include <pwd.h>
#include <unistd.h>

namespace chatflow::test {

std::vector<std::string> as_postgres(std::vector<std::string> command) {
    if (getuid() != 0) return command;
    std::vector<std::string> whole = {"/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres",
                                      "--clear-groups", "--pdeathsig=SIGKILL"};
    whole.insert(whole.end(), command.begin(), command.end());
    return whole;
}

void give_to_postgres(const std::filesystem::path& path) {
    if (getuid() != 0) return;
    const passwd* user = getpwnam("postgres");
    if (user == nullptr || chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
        throw std::runtime_error("cannot give " + path.string() + " to the user postgres");
    }
}

}  // namespace chatflow::test
