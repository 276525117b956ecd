#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace chatflow::api {

/// How values of `T` are told apart quickly; specialised beside `T`: static std::size_t of(const
/// T&).
template <class T>
struct InternHash;

/// An immutable value that is kept once however many hold it: the pods of one Deployment share
/// their labels and containers. Copying costs a pointer. Any thread may make, copy and drop one.
template <class T>
class Interned {
 public:
    Interned() : Interned(T{}) {}
    Interned(T value) : value_(pool().share(std::move(value))) {}  // NOLINT: a value like any other

    const T& operator*() const { return *value_; }
    const T* operator->() const { return value_.get(); }

    /// Equal values are the same object.
    bool operator==(const Interned& other) const { return value_ == other.value_; }

    /// How many different values live now.
    [[nodiscard]] static std::size_t distinct() { return pool().size(); }

 private:
    class Pool {
     public:
        std::shared_ptr<const T> share(T value) {
            const std::size_t hash = InternHash<T>::of(value);
            const std::scoped_lock lock(mutex_);
            for (auto [entry, end] = entries_.equal_range(hash); entry != end; ++entry) {
                // What is still listed is not yet deleted: remove() takes the lock before that.
                if (*entry->second.address != value) continue;
                if (auto known = entry->second.kept.lock()) return known;
            }
            auto forget = [this, hash](const T* gone) { remove(hash, gone); };
            std::shared_ptr<const T> kept(new T(std::move(value)), forget);
            entries_.emplace(hash, Entry{kept.get(), kept});
            return kept;
        }

        std::size_t size() {
            const std::scoped_lock lock(mutex_);
            return entries_.size();
        }

     private:
        struct Entry {
            const T* address;
            std::weak_ptr<const T> kept;
        };

        void remove(std::size_t hash, const T* gone) {
            {
                const std::scoped_lock lock(mutex_);
                for (auto [entry, end] = entries_.equal_range(hash); entry != end; ++entry) {
                    if (entry->second.address != gone) continue;
                    entries_.erase(entry);
                    break;
                }
            }
            delete gone;
        }

        std::mutex mutex_;
        std::unordered_multimap<std::size_t, Entry> entries_;
    };

    // Never destroyed: objects with static storage may still hold values when the program ends.
    static Pool& pool() {
        static Pool& instance = *new Pool;
        return instance;
    }

    std::shared_ptr<const T> value_;
};

}  // namespace chatflow::api
