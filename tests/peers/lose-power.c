// SPDX-License-Identifier: GPL-3.0-or-later
// lose-power FOLDER: shuts the ext4 file system of FOLDER down as a loss of power would: nothing
// that is not on the disk yet ever gets there, its own journal included. Root.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

// Linux fs/ext4/ext4.h, in no header for programs
#define EXT4_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
#define EXT4_GOING_FLAGS_NOLOGFLUSH 2

int main(int argc, char **argv)
{
    uint32_t flags = EXT4_GOING_FLAGS_NOLOGFLUSH;
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0 || ioctl(fd, EXT4_IOC_SHUTDOWN, &flags) != 0) {
        perror("lose-power");
        return 1;
    }
    return 0;
}
