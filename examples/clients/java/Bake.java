import software.amazon.awssdk.services.ec2.Ec2Client;

final class Bake {
    /** Returns the id of the image of a name, once it is available. Makes it of an instance where there is none. */
    static String bake(Ec2Client ec2, String instance, String name) {
        String image = ec2.describeImages(r -> r.owners("self").filters(f -> f.name("name").values(name)))
                .images().stream().findFirst().map(i -> i.imageId())
                .orElseGet(() -> ec2.createImage(r -> r.instanceId(instance).name(name)).imageId());
        ec2.waiter().waitUntilImageAvailable(r -> r.imageIds(image));
        return image;
    }
}
