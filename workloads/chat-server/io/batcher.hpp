#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/deadline.hpp"
#include "libs/postgres/errors.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <utility>
#include <vector>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chatflow::chat {

/// Carries out what coroutines of one event loop ask for together: all that came in one turn of
/// the loop, and under load all that came while earlier batches ran. A database does one statement
/// for fifty far cheaper than fifty statements; when there is little to do nobody waits. First
/// come, first served. One executor only.
template <class Input, class Output>
class Batcher {
 public:
    /// `inputs[i]` is answered by `outputs[i]`. What it throws, every caller of the batch gets.
    using CarryOut =
        std::function<awaitable<std::vector<Output>>(std::vector<Input> inputs, Deadline deadline)>;

    struct Bounds {
        std::size_t batch_max = 64;       // inputs in one batch
        std::size_t batches_max = 2;      // that run at once; the others wait and grow
        std::size_t waiting_max = 5'000;  // inputs; one more is refused with Overloaded
    };

    Batcher(asio::any_io_executor executor, Bounds bounds, CarryOut carry_out)
        : executor_(executor),
          bounds_(bounds),
          carry_out_(std::move(carry_out)),
          tasks_(executor, [](const std::exception_ptr&) {}) {}

    /// Throws postgres::Overloaded, and postgres::Timeout when its turn has not come in time.
    [[nodiscard]] awaitable<Output> ask(Input input, Deadline deadline);

 private:
    // A batch ends with the nearest deadline in it: one that is nearer would spoil it for the rest.
    static constexpr std::chrono::seconds kLeastTimeLeft{1};

    using Handler = asio::any_completion_handler<void(std::exception_ptr, Output)>;
    struct Question {
        Input input;
        Deadline deadline;
        Handler handler;
    };

    void queue(Question question);
    void start_batches();
    std::vector<Question> take_batch();
    awaitable<void> run(std::vector<Question> questions);

    asio::any_io_executor executor_;
    Bounds bounds_;
    CarryOut carry_out_;
    std::deque<Question> waiting_;
    bool start_is_due_ = false;
    std::size_t batches_running_ = 0;
    TaskGroup tasks_;
};

template <class Input, class Output>
awaitable<Output> Batcher<Input, Output>::ask(Input input, Deadline deadline) {
    auto initiate = [this, &input, deadline](auto handler) {
        queue({std::move(input), deadline, std::move(handler)});
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&,
                                            void(std::exception_ptr, Output)>(initiate,
                                                                              asio::use_awaitable);
}

template <class Input, class Output>
void Batcher<Input, Output>::queue(Question question) {
    if (waiting_.size() >= bounds_.waiting_max) {
        const postgres::Overloaded error("too many calls wait for the database");
        asio::post(executor_, [handler = std::move(question.handler), error]() mutable {
            std::move(handler)(std::make_exception_ptr(error), Output{});
        });
        return;
    }
    waiting_.push_back(std::move(question));
    if (start_is_due_ || batches_running_ >= bounds_.batches_max) return;
    start_is_due_ = true;
    // At the end of this turn, so that all requests that have arrived are in.
    asio::post(executor_, [this] {
        start_is_due_ = false;
        start_batches();
    });
}

template <class Input, class Output>
void Batcher<Input, Output>::start_batches() {
    while (!waiting_.empty() && batches_running_ < bounds_.batches_max) {
        auto questions = take_batch();
        if (questions.empty()) continue;
        ++batches_running_;
        tasks_.spawn(run(std::move(questions)));
    }
}

template <class Input, class Output>
auto Batcher<Input, Output>::take_batch() -> std::vector<Question> {
    std::vector<Question> questions;
    while (!waiting_.empty() && questions.size() < bounds_.batch_max) {
        Question question = std::move(waiting_.front());
        waiting_.pop_front();
        if (question.deadline.time_left() >= kLeastTimeLeft) {
            questions.push_back(std::move(question));
        } else {
            const postgres::Timeout error("the database was busy for too long");
            std::move(question.handler)(std::make_exception_ptr(error), Output{});
        }
    }
    return questions;
}

template <class Input, class Output>
awaitable<void> Batcher<Input, Output>::run(std::vector<Question> questions) {
    std::vector<Input> inputs;
    auto end = questions.front().deadline.moment();
    for (Question& question : questions) {
        inputs.push_back(std::move(question.input));
        end = std::min(end, question.deadline.moment());
    }
    std::vector<Output> outputs;
    std::exception_ptr error;
    try {
        outputs = co_await carry_out_(std::move(inputs), Deadline::at(end));
    } catch (...) {
        error = std::current_exception();
    }
    outputs.resize(questions.size());
    for (std::size_t i = 0; i < questions.size(); ++i) {
        std::move(questions[i].handler)(error, std::move(outputs[i]));
    }
    --batches_running_;
    start_batches();
}

}  // namespace chatflow::chat
