#include "libs/redis/exists.hpp"

#include "libs/async/side_by_side.hpp"
#include "libs/redis/client.hpp"

#include <cstddef>
#include <utility>

namespace chatflow::redis {
namespace {

struct Answer {
    bool exists = false;
};

awaitable<void> ask(Client& client, const std::string& key, Deadline deadline, Answer& answer) {
    Command command{"EXISTS", key};
    const Reply reply = co_await client.call(std::move(command), deadline);
    answer.exists = reply.integer() == 1;
}

}  // namespace

awaitable<std::vector<bool>> exist(Client& client, std::vector<std::string> keys,
                                   Deadline deadline) {
    std::vector<Answer> answers(keys.size());
    std::vector<awaitable<void>> questions;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        questions.push_back(ask(client, keys[i], deadline, answers[i]));
    }
    co_await side_by_side(std::move(questions), keys.size());
    std::vector<bool> exist;
    for (const Answer& answer : answers) exist.push_back(answer.exists);
    co_return exist;
}

}  // namespace chatflow::redis
